from . import customer_success_advice
from . import customer_success_missed
from . import customer_success_play
from . import customer_success_play_run
from . import mail_activity
