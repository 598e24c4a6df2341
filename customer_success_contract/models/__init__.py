from . import contract_line
from . import contract_contract
