"""Which conversations does Kepu have, and in which order are they offered?"""

from handlers.booking.coming import answer_coming
from handlers.booking.flow import book_visit
from handlers.booking.mine import my_visits
from handlers.booking.offer import answer_offer, let_go
from handlers.booking.rating import rate_visit, review_visit
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.menu import Menu
from handlers.desk.calloff import call_session_off
from handlers.desk.flow import check_in, today
from handlers.desk.objections import object_to
from handlers.linking.flow import answer_use, link_chats, my_household, use_code
from handlers.profile.beside import help_, human, language, stop
from handlers.profile.flow import my_details
from handlers.profile.unreadable import unreadable
from handlers.texts import _

GREETING = _(
    "Hello, this is Kepu. I book family visits to science-education bases. "
    "Tap one of these, or type what you would like."
)


@conversation("start", command="start", words=("开始",), is_beside=True)
async def start(chat: Chat) -> None:
    """The greeting, at any time."""
    chat.say(GREETING)


MENU = Menu(
    [
        start,
        book_visit,
        my_visits,
        answer_offer,
        let_go,
        answer_coming,
        rate_visit,
        review_visit,
        my_details,
        help_,
        human,
        stop,
        language,
        link_chats,
        my_household,
        use_code,
        answer_use,
        today,
        call_session_off,
        check_in,
        object_to,
        unreadable,
    ],
    ["booking", "mine", "me", "help"],
    GREETING,
    {
        "booking": ("参观", "报名", "订票", "门票", "visit", "tickets"),
        "mine": (
            "取消预约",
            "改期",
            "退票",
            "凭证",
            "二维码",
            "日历",
            "预约码",
            "cancel my visit",
            "cancel my booking",
            "my booking",
        ),
        "human": ("客服", "电话"),
    },
    with_more={"start": "code"},
    alone=("offer", "no_offer"),
)
