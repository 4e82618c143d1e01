"""The encoders of others that a session model reads by; they lie in its folder beside the weights."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from core.errors import BrokenCheckpointError, InvalidSettingError
from core.model.config import SessionModelConfig
from core.model.foreign_encoder import OWN, ForeignImageEncoder, ForeignTextEncoder

TEXT_FOLDER = "text_encoder"
IMAGE_FOLDER = "image_encoder"
Encoder = TypeVar("Encoder", ForeignTextEncoder, ForeignImageEncoder)


@dataclass(frozen=True)
class ForeignEncoders:
    """None where the model's own encoder reads. all-MiniLM-L6-v2 adds 88 MB to each model folder."""

    text: ForeignTextEncoder | None = None
    image: ForeignImageEncoder | None = None

    @classmethod
    def choose(cls, text: str, image: str) -> "ForeignEncoders":
        """By the arguments of a run: `own`, or whatever `load` of the encoders takes.

        Raises:
            InvalidSettingError: there is no such encoder on this machine.
        """
        return cls(
            None if text == OWN else ForeignTextEncoder.load(text),
            None if image == OWN else ForeignImageEncoder.load(image),
        )

    def settings(self) -> dict[str, Any]:
        """The part of a session model's configuration that depends on them."""
        settings: dict[str, Any] = {}
        if self.text is not None:
            settings |= {"text_encoder": self.text.name, "foreign_text_size": self.text.vector_size}
        if self.image is not None:
            settings |= {"image_encoder": self.image.name, "foreign_image_size": self.image.vector_size}
        return settings

    def save(self, folder: Path) -> None:
        """Write those there are into a model folder."""
        if self.text is not None:
            self.text.save(folder / TEXT_FOLDER)
        if self.image is not None:
            self.image.save(folder / IMAGE_FOLDER)

    @classmethod
    def load(cls, folder: Path, config: SessionModelConfig) -> "ForeignEncoders":
        """Read those that a model folder's configuration asks for.

        Raises:
            BrokenCheckpointError: one is missing, damaged or of another size.
        """
        text = None if config.foreign_text_size is None else _of_folder(ForeignTextEncoder, folder / TEXT_FOLDER)
        image = None if config.foreign_image_size is None else _of_folder(ForeignImageEncoder, folder / IMAGE_FOLDER)
        for encoder, size, name in (
            (text, config.foreign_text_size, config.text_encoder),
            (image, config.foreign_image_size, config.image_encoder),
        ):
            if encoder is not None:
                encoder.name = name
                if encoder.vector_size != size:
                    raise BrokenCheckpointError(
                        f"The encoder '{name}' in '{folder}' gives vectors of {encoder.vector_size} numbers, expected "
                        f"{size}; train or import the model again."
                    )
        return cls(text, image)


def _of_folder(kind: type[Encoder], folder: Path) -> Encoder:
    if not (folder / "config.json").is_file():
        raise BrokenCheckpointError(f"'{folder}' has no encoder, but the model reads by one; copy the model again.")
    try:
        return kind.load(str(folder))
    except InvalidSettingError as error:
        raise BrokenCheckpointError(f"The encoder in '{folder}' cannot be loaded; copy the model again.") from error
