# SPDX-License-Identifier: MIT
"""What is common to the servers: loopback, free ports, one process that does not outlive this one."""

import os
import signal
import socket
import subprocess
import time

LOOPBACK, LOOPBACK_6 = "127.0.0.1", "::1"
DEADLINE = 60  # seconds until a server must listen, on a machine that is busy
PASSWORD = "made-up"
USER = "juliet"

SECURITY = {"starttls": "STARTTLS", "direct": "direct TLS"}
DOMAIN = "capulet.example"
ANONYMOUS = "anonymous.capulet.example"
EXTERNAL = "external.capulet.example"
HASHED = "hashed.capulet.example"
WRONG_NAME = "wrong-name.example"
EXPIRED = "expired.example"
SELF_SIGNED = "self-signed.example"
CERTIFICATES = {DOMAIN: "good", ANONYMOUS: "good", EXTERNAL: "good", HASHED: "good", WRONG_NAME: "wrong-name",
                EXPIRED: "expired", SELF_SIGNED: "self-signed"}


def free_ports(count):
    """Ports that nobody listens on now; all held at once so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind((LOOPBACK, 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def has_ipv6():
    try:
        socket.create_server((LOOPBACK_6, 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


def bound_to_us(*command):
    """The command, killed by the kernel should this process die first: no orphan is left, whatever ends us."""
    return ("setpriv", "--pdeathsig", "KILL", "--", *command)


class Server:
    """Prosody or ejabberd: `ports` by service, files in `directory`."""

    services = ("starttls", "direct", "s2s")
    ipv6 = False  # whether it listens there too
    closed = 0  # exit status of weir-connect after a session that ended well
    shut_down = (10,)  # when the server was told to end during it: a stream error, system-shutdown

    def __init__(self, directory, authority):
        self.directory, self.authority, self.process = directory, authority, None
        self.ports = dict(zip(self.services, free_ports(len(self.services))))
        self.configure()

    def configure(self):
        raise NotImplementedError

    def command(self):
        """The command that starts it, and the environment."""
        raise NotImplementedError

    def ready(self):
        """True once it does more than listen."""
        return True

    def certificate(self, host):
        """Path without suffix."""
        return f"{self.authority.directory}/{CERTIFICATES[host]}"

    def start(self):
        command, environment = self.command()
        with open(f"{self.directory}/output.log", "ab") as output:
            self.process = subprocess.Popen(bound_to_us(*command), env={**os.environ, **environment},
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        deadline = time.monotonic() + DEADLINE
        while not (self.ready() and all(map(self.listens, self.ports.values()))):
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended by itself: {self.directory}/output.log")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not listen")
            time.sleep(0.02)

    @staticmethod
    def listens(port):
        try:
            socket.create_connection((LOOPBACK, port)).close()
            return True
        except ConnectionRefusedError:
            return False

    def kill(self):
        """Without warning, as a crash; start() works again afterwards."""
        self.process.kill()
        self.process.wait()

    def stopped(self):
        """A server that is there, and answers nothing: with stopped(): ..."""
        return Stopped(self.process)

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()


class Stopped:
    def __init__(self, process):
        self.process = process

    def __enter__(self):
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGCONT)
