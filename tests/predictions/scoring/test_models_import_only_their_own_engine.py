import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from pathlib import Path
from predictions.scoring import artifacts
folder = Path("ml_artifacts")
artifacts.load(folder, artifacts.current(folder, sys.argv[1]))
print(*sorted({"catboost", "onnx", "onnxruntime"} & sys.modules.keys()))
"""


@pytest.mark.parametrize(
    ("slug", "engines"),
    [("logistic-regression", ""), ("random-forest", "onnxruntime"), ("catboost", "catboost")],
)
def test_loading_a_model_imports_its_own_engine_alone(slug: str, engines: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, slug], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == engines
