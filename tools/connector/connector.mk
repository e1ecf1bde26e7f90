# SPDX-License-Identifier: MIT
#
# Part of ../../Makefile: the connector, weir-connect, and their tests.
