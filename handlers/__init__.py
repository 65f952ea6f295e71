"""What is said and decided; knows no network, opens no transaction."""
