"""All settings, read from the environment. The README has a table of the variables."""

from creditscore.settings.accounts import *
from creditscore.settings.browsers import *
from creditscore.settings.files import *
from creditscore.settings.framework import *
from creditscore.settings.jobs import *
from creditscore.settings.observing import *
from creditscore.settings.service import *
