"""Errors named for the situation; every message says what, which value, what was expected and what to do."""


class IntentLensError(Exception):
    """Base of every error a user may see: its message is fit to be shown as it is."""


class InvalidSettingError(IntentLensError):
    """A setting from the environment, the settings file or the command line has an unusable value."""


class InvalidEventError(IntentLensError):
    """One event cannot be accepted; the message names the field and the value."""


class UnreadableFileError(IntentLensError):
    """A file to import is empty, damaged, of another format or wrongly delimited."""


class ColumnMappingError(IntentLensError):
    """A mapping lacks a required column or names one the file does not have."""


class WarehouseBusyError(IntentLensError):
    """Another process owns the data folder."""


class WarehouseWriteError(IntentLensError):
    """A write could not be made durable (disk full, read-only folder); nothing of it was kept."""


class UnknownIntentError(IntentLensError):
    """An annotation names an intent the taxonomy does not have."""


class InvalidTaxonomyError(IntentLensError):
    """An edit or a file would leave a taxonomy that cannot be used; the message names the intent and the value."""


class InvalidAnnotationError(IntentLensError):
    """An annotation line lacks its target or carries a value outside the allowed ones."""


class InvalidEditError(IntentLensError):
    """A what-if edit names an event, item or value that cannot be; the message says what could."""


class NotFoundError(IntentLensError):
    """The visitor, session, event, run or model asked for does not exist."""


class TooFewLabelsError(IntentLensError):
    """Training needs more labels; the message says which to add next."""


class TrainingDivergedError(IntentLensError):
    """The loss became NaN or the predictions constant; the message advises what to change."""


class BrokenCheckpointError(IntentLensError):
    """A model folder is incomplete, damaged or of another version."""


class NoModelError(IntentLensError):
    """No registered model can serve yet; the message says how to get one."""


class JobStoppedError(IntentLensError):
    """A job was asked to stop; raised inside the job to unwind it."""


class JobFailedError(IntentLensError):
    """A job ended with an error; the message carries its last words."""


class ServerAddressError(IntentLensError):
    """The server cannot listen where it was told to, or must not without an API key."""


class PromotionRefusedError(IntentLensError):
    """A challenger is worse than the model that serves; the message names the intents."""


class MissingPackageError(IntentLensError):
    """An optional package is not installed; the message holds the command that installs it."""


class ExportMismatchError(IntentLensError):
    """An exported model does not answer as the model it was made from."""


class InvalidQueueError(IntentLensError):
    """A label queue has an option, a filter or a SQL query that cannot be used; the message says which."""


class InvalidRuleError(IntentLensError):
    """A rule's definition cannot be used; the message names the bad part of it."""


class RefusedQueryError(IntentLensError):
    """A query somebody wrote is no plain SELECT over the tables it may read, or took too long."""


class OverloadedError(IntentLensError):
    """More is sent than can be stored; it may be sent again in a moment."""


class InvalidWriteKeyError(IntentLensError):
    """A write key cannot be made as asked, or the file of keys is damaged."""


class InvalidWebhookError(IntentLensError):
    """A webhook cannot be kept as asked; the message names the value."""


class InvalidQuestionError(IntentLensError):
    """What a page or a program asks to see cannot be shown; the message names the value."""


class InvalidAlarmError(IntentLensError):
    """An alarm's threshold is out of range; the message names it."""


class InvalidReplayError(IntentLensError):
    """A replay cannot begin: nothing to play, a bad speed, or another one is going on."""


class BrokerUnavailableError(IntentLensError):
    """The message broker is away, refuses us, or lacks what was configured; it is tried again."""
