"""The record of what was made: model, file format, journal, lock."""
