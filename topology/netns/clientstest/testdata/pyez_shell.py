"""PyEZ's StartShell, and a device reached over the CLI's port."""
import unittest

from jnpr.junos.utils.start_shell import StartShell

import router


class Shell(unittest.TestCase):
    def setUp(self):
        self.dev = router.pyez(port=router.SSH)
        self.addCleanup(self.dev.close)

    def test_netconf_over_22(self):
        self.assertEqual(self.dev.rpc.get_software_information().findtext("host-name"), "r1")

    def test_cli(self):
        with StartShell(self.dev, timeout=20) as shell:
            ok, out = shell.run('cli -c "show version"', timeout=20)
            self.assertTrue(ok, out)
            self.assertIn("Hostname: r1", out)

    def test_exit_status(self):
        with StartShell(self.dev, timeout=20) as shell:
            shell.run("false", timeout=20)
            self.assertFalse(shell.last_ok)
            shell.run("true", timeout=20)
            self.assertTrue(shell.last_ok)

if __name__ == "__main__":
    unittest.main()
