"""Captions as data: files of any usual format in, checked and normalised WebVTT out. No Django and no files here."""
