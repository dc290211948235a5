"""What can go wrong, one class a kind; the text of each says what, where and what to do."""


class SapaError(Exception):
    """Base of all errors that are meant to be read by the person who runs the program."""


class SettingsError(SapaError):
    """A setting cannot be used; names the environment variable."""


class CatalogueError(SapaError):
    """A catalogue or parameter file cannot be used; names the file, the service and the field."""


class EngineError(SapaError):
    """The dialogue engine did not answer, or not in the agreed form."""

    def __init__(self, message: str, *, status: int | None = None):
        super().__init__(message)
        self.status = status
        """The engine's HTTP status, where it answered with another than the agreed one."""


class DeliveryError(SapaError):
    """A message could not be handed to the provider."""

    def __init__(self, message: str, *, code: int | None = None, permanent: bool = False, unknown: bool = False):
        super().__init__(message)
        self.code = code
        """The provider's error code, where it gave one."""
        self.permanent = permanent
        """Sending again cannot help."""
        self.unknown = unknown
        """The provider may have accepted the message: ask it before sending again."""


class ModelError(SapaError):
    """No usable model, or training failed."""


class SippError(SapaError):
    """The court's case system SIPP could not be read; names what to look at."""
