//! Sentences of the readers of tools: nmap, DHCP, directories, backups, our collector.
