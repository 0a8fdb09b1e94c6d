-- Version of these scripts, and of the contract with the service (docs/spool.md).
return { scripts = "0.1.0", contract = 1 }
