"""Video, sound and score files into records: the only readers of media files."""
