# SPDX-License-Identifier: MIT
"""All scenarios: importing this registers them."""

# pylint: disable=unused-import
import component_scenarios
import packaged_scenarios
import raw_scenarios
import s2s_scenarios
import slixmpp_scenarios
import websocket_scenarios
from registry import also_with

also_with("ejabberd", "plain", "scram-sha-256", "wrong-password", "cdata", "shape-wide", "shape-foreign-prefixes",
          "error", "error-shutdown", "slixmpp-chat", "pubsub", "avatar", "muc", "disco", "offline", "smacks",
          "conflict", "carbons-and-archive", "starttls", "component", "component-by-hand", "websocket-plain",
          "websocket-error", "websocket-killed", "gloox", "go-sendxmpp", "mcabber", "profanity")
