"""PyEZ reads every fact that it knows."""
import unittest

import router


class Facts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dev = router.pyez(gather_facts=True, fact_style="new")
        cls.addClassCleanup(cls.dev.close)

    def test_every_fact(self):
        self.dev.facts_refresh(exception_on_failure=True)
        for name in sorted(self.dev.facts):
            with self.subTest(fact=name):
                self.dev.facts[name]

    def test_who_it_is(self):
        f = self.dev.facts
        self.assertEqual(f["hostname"], "r1")
        self.assertEqual(f["model"].lower(), "vjunos-router")
        self.assertRegex(f["version"], r"^\d+\.\d+R\d")
        self.assertEqual(f["ifd_style"], "CLASSIC")
        self.assertEqual(f["version_info"].major, (24, 2))
        self.assertFalse(f["2RE"])
        self.assertEqual(f["current_re"], ["re0", "master"])
        self.assertFalse(f["vc_capable"])
        self.assertEqual(f["RE0"]["status"], "OK")
        self.assertRegex(f["RE0"]["up_time"], r"second|minute")
        self.assertEqual(f["HOME"], "/var/home/admin")

    def test_what_it_has_not(self):
        f = self.dev.facts
        for name in ("domain", "vc_mode", "vc_master", "srx_cluster"):
            with self.subTest(fact=name):
                f[name]
        self.assertIsNone(f["domain"])
        self.assertIsNone(f["vc_mode"])
        self.assertFalse(f["srx_cluster"])

    def test_uptime(self):
        self.assertGreaterEqual(self.dev.uptime, 0)


if __name__ == "__main__":
    unittest.main()
