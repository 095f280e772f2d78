"""CSV and XLSX in and out: `plan` a file, look at what it would do, `apply` it; `write` one."""

from members.imports.apply import DirectoryMoved, ImportFailed
from members.imports.plan import Plan, plan
from members.imports.read import UnreadableFile

__all__ = ["DirectoryMoved", "ImportFailed", "Plan", "UnreadableFile", "plan"]
