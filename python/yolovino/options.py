"""Options of each mode."""
from typing import TypedDict
class PredictOptions(TypedDict, total=False):
    conf: float
class TrackOptions(PredictOptions):
    pass
class ValOptions(PredictOptions):
    pass
class ExportOptions(PredictOptions):
    pass
class BenchmarkOptions(PredictOptions):
    pass
