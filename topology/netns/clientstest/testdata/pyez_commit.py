"""PyEZ's Config commits, confirms, rolls back, and keeps a rescue."""
import unittest

from jnpr.junos.exception import CommitError, ConfigLoadError
from jnpr.junos.utils.config import Config

import router

DESCRIBE = 'set interfaces ge-0/0/1 description "%s"'


class Commit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dev = router.pyez()
        cls.addClassCleanup(cls.dev.close)

    def setUp(self):
        self.cu = Config(self.dev)
        self.addCleanup(self.undo, self.dev.rpc.get_config(options={"format": "text"}).text)

    def undo(self, text):
        self.cu.load(text, format="text", overwrite=True)
        self.cu.commit()
        self.assertEqual(self.description(), "to h1")

    def description(self):
        return self.dev.rpc.get_config(options={"database": "committed"}).xpath(
            "interfaces/interface[name='ge-0/0/1']/description")[0].text

    def change(self, what):
        self.cu.load(DESCRIBE % what, format="set")

    def test_commit(self):
        self.change("committed")
        self.assertTrue(self.cu.commit(comment="a change"))
        self.assertEqual(self.description(), "committed")
        self.assertIsNone(self.cu.diff())
        self.assertIn("committed", self.cu.diff(rb_id=1))
        latest = self.dev.rpc.get_commit_information().find("commit-history")
        self.assertEqual((latest.findtext("user"), latest.findtext("client"), latest.findtext("log").strip()),
                         (router.USER, "netconf", "a change"))

    def test_details(self):
        self.change("detailed")
        reply = self.cu.commit(detail=True)
        self.assertEqual(reply.tag, "commit-results")
        self.assertIsNotNone(reply.find(".//commit-success"))

    def test_options(self):
        self.change("synchronized")
        self.assertTrue(self.cu.commit(sync=True, comment="both engines"))

    def test_confirmed(self):
        self.change("for a minute")
        self.assertTrue(self.cu.commit(confirm=1))
        self.assertIn("commit confirmed, rollback in 1mins",
                      self.dev.rpc.get_commit_information().find("commit-history").findtext("log"))
        self.assertTrue(self.cu.commit())
        self.assertEqual(self.description(), "for a minute")

    def test_confirmed_by_a_check(self):
        self.change("checked")
        self.assertTrue(self.cu.commit(confirm=5))
        self.assertTrue(self.cu.commit_check())
        self.assertEqual(self.description(), "checked")

    def test_rollback(self):
        self.change("first")
        self.cu.commit()
        self.change("second")
        self.cu.commit()
        self.assertTrue(self.cu.rollback(1))
        self.assertIn("+   description first;", self.cu.diff())
        self.cu.commit()
        self.assertEqual(self.description(), "first")

    def test_rollback_too_far(self):
        with self.assertRaises(Exception):
            self.cu.rollback(49)
        with self.assertRaises(ValueError):
            self.cu.rollback(50)

    def test_refused(self):
        self.cu.load("set protocols bgp group peers import not-there", format="set")
        for attempt in (self.cu.commit_check, self.cu.commit):
            with self.assertRaises(CommitError) as caught:
                attempt()
            self.assertIn("not-there", str(caught.exception))
        self.assertTrue(self.cu.rollback())
        self.assertIsNone(self.cu.diff())

    def test_rescue(self):
        self.cu.rescue("delete")
        self.assertIsNone(self.cu.rescue("get"))
        self.assertFalse(self.cu.rescue("reload"))
        self.assertTrue(self.cu.rescue("save"))
        self.assertIn("host-name r1;", self.cu.rescue("get"))
        self.change("to be rescued")
        self.cu.commit()
        self.assertTrue(self.cu.rescue("reload"))
        self.cu.commit()
        self.assertEqual(self.description(), "to h1")
        self.assertTrue(self.cu.rescue("delete"))


class Modes(unittest.TestCase):
    """The candidate that is private, exclusive, or neither."""

    def setUp(self):
        self.dev = router.pyez()
        self.addCleanup(self.dev.close)

    def test_private(self):
        with router.pyez() as other:
            with Config(self.dev, mode="private") as cu:
                cu.load(DESCRIBE % "mine", format="set")
                self.assertIn("mine", cu.diff())
                self.assertIsNone(Config(other).diff())

    def test_exclusive(self):
        with router.pyez() as other:
            with Config(self.dev, mode="exclusive") as cu:
                cu.load(DESCRIBE % "mine", format="set")
                with self.assertRaises(Exception):
                    Config(other).lock()
            Config(other).lock()
            self.assertIsNone(Config(other).diff())
            Config(other).unlock()

    def test_private_commit(self):
        for what in ("privately", "to h1"):
            with Config(self.dev, mode="private") as cu:
                cu.load(DESCRIBE % what, format="set")
                self.assertTrue(cu.commit())

    def test_unlock_discards(self):
        cu = Config(self.dev)
        cu.lock()
        cu.load(DESCRIBE % "lost", format="set")
        cu.unlock()
        self.assertIsNone(cu.diff())


if __name__ == "__main__":
    unittest.main()
