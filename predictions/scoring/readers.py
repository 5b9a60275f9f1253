"""Reads model files: which type is read by what."""

from importlib import import_module
from pathlib import Path

from predictions.scoring.models.columns import Columns
from predictions.scoring.models.protocol import Model


class ArtifactError(Exception):
    """A model cannot be used. The message explains the reason to the operator."""


# The module and class that read each type of model file. Imported on first use, because an engine takes
# seconds and megabytes that a process without such a model does not need.
_READERS = {
    ".json": ("scorecard", "Scorecard"),
    ".onnx": ("forest", "Forest"),
    ".cbm": ("boosting", "Boosting"),
}


def read_model(name: str, content: bytes, trained_with: Columns) -> Model:
    """Return the model in the bytes of a file called `name`. Raises `ArtifactError`."""
    try:
        module, reader = _READERS[Path(name).suffix]
        engine = getattr(import_module(f"predictions.scoring.models.{module}"), reader)
        model: Model = engine.read(content, trained_with)
    except Exception as error:
        raise ArtifactError(f"{name} cannot be loaded: {error}") from error
    return model
