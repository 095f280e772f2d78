"""How Québec writes dates, times and numbers (Office québécois de la langue française).

Django's own `fr_CA` prints 14:05 as « 14 02 05 » (an unescaped `h`), so these are ours.
"""

NBSP = "\N{NO-BREAK SPACE}"

DATE_FORMAT = "j F Y"
TIME_FORMAT = f"G{NBSP}\\h{NBSP}i"
DATETIME_FORMAT = f"j F Y, {TIME_FORMAT}"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = f"Y-m-d {TIME_FORMAT}"
FIRST_DAY_OF_WEEK = 0

DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S", "%H h %M", "%Hh%M"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = NBSP
NUMBER_GROUPING = 3
