"""The catalogues: one folder a language, compiled by `make setup` and when the package is built."""
