# SPDX-License-Identifier: MIT
"""What is common to the servers: loopback, made-up accounts, one process that does not outlive this one."""

import asyncio
import os
import socket
import subprocess

LOOPBACK = "127.0.0.1"
HOST = "capulet.example"
USERS = ("juliet", "nurse", "romeo", "tybalt")
PASSWORD = "made-up"
SECRET = "made-up-too"  # of components
LIMIT = 300000          # bytes a stanza, so that an avatar passes

def free_ports(count):
    """Ports that nobody listens on now; all held at once so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind((LOOPBACK, 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def bound_to_us(*command):
    """The command, killed by the kernel should this process die first: no orphan is left, whatever ends us."""
    return ("setpriv", "--pdeathsig", "KILL", "--", *command)


def make_certificate(directory, host):
    os.makedirs(directory, exist_ok=True)
    subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "30", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
                    "-keyout", f"{directory}/{host}.key", "-out", f"{directory}/{host}.crt"),
                   check=True, stderr=subprocess.DEVNULL)


class Server:
    """Prosody or ejabberd: `ports` by service, files in `directory`."""

    package = websocket_path = None

    def __init__(self, directory, host, services):
        self.directory, self.host, self.process = directory, host, None
        self.ports = dict(zip(services, free_ports(len(services))))

    def command(self):
        """The command that starts it, and the environment."""
        raise NotImplementedError

    async def start(self):
        command, environment = self.command()
        self.process = await asyncio.create_subprocess_exec(*bound_to_us(*command), env={**os.environ, **environment},
                                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for port in self.ports.values():
            await self.answers(port)

    async def answers(self, port):
        """Returns once something listens there."""
        while True:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
                writer.close()
                return
            except ConnectionRefusedError:
                if self.process.returncode is not None:
                    raise RuntimeError(f"{self.package} ended by itself") from None
                await asyncio.sleep(0.02)

    async def stop(self):
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), 5)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
