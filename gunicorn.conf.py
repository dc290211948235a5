"""How gunicorn serves the web process; it reads this file by itself from the folder it is started in.

One process: Socket.IO's rooms and the watcher live in it. Threads wait for replies, so there
are many (connectors/slots.py).
"""

from connectors.slots import THREADS

worker_class = "gthread"
workers = 1
threads = THREADS
timeout = 60
graceful_timeout = 3  # those who wait for a reply ask again; nothing that was accepted is lost
keepalive = 20
limit_request_line = 2048
limit_request_field_size = 8190
control_socket_disable = True  # it would lie outside the data folder, and two instances would share it
