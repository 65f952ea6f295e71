"""The conversation engine; knows no feature."""
