"""PyEZ reboots the router, and finds it again."""
import time
import unittest

import router
from jnpr.junos.exception import ConnectError, RpcTimeoutError
from jnpr.junos.utils.sw import SW
from ncclient import NCClientError


def booted(dev):
    """When the router started, in seconds."""
    return int(dev.rpc.get_system_uptime_information().find(".//system-booted-time/date-time").get("seconds"))


class Reboot(unittest.TestCase):
    def test_reboot(self):
        dev = router.pyez()
        before = booted(dev)
        self.assertIn("Shutdown NOW!", SW(dev).reboot())
        deadline = time.monotonic() + 60
        while True:
            try:
                with router.pyez() as dev:
                    if booted(dev) > before:
                        return
            # A router that goes down ends the session wherever it is, also
            # while it is being closed, where PyEZ passes ncclient's error on.
            except (ConnectError, RpcTimeoutError, NCClientError, OSError) as error:
                last = error
            else:
                last = "it has not gone down"
            self.assertLess(time.monotonic(), deadline, last)


if __name__ == "__main__":
    unittest.main()
