"""What do families live through with Kepu? Whole dialogues, from the first word to the ticket."""
