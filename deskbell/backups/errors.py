"""Why a backup could not be made or brought back, for operators."""


class BackupFailed(Exception):
    """It was not done and nothing is left of the attempt; the text says why and what to do."""
