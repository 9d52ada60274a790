"""ncclient performs the operations of RFC 6241."""
import unittest

from ncclient.operations import RPCError

import router

DESCRIPTION = ("<config><configuration><interfaces><interface><name>ge-0/0/1</name>"
               "<description>%s</description></interface></interfaces></configuration></config>")
STATIC = ("<config xmlns:nc='urn:ietf:params:xml:ns:netconf:base:1.0'><configuration><routing-options>%s"
          "</routing-options></configuration></config>")


class Session(unittest.TestCase):
    def setUp(self):
        self.m = router.ncclient()
        self.addCleanup(self.m.close_session)

    ok = router.ok

    def test_hello(self):
        self.assertGreater(int(self.m.session_id), 0)
        for name in (":candidate", ":confirmed-commit", ":validate", "http://xml.juniper.net/netconf/junos/1.0"):
            self.assertIn(name, self.m.server_capabilities)

    def test_close(self):
        m = router.ncclient()
        self.ok(m.close_session())
        self.assertFalse(m.connected)

    def test_kill(self):
        victim = router.ncclient()
        self.ok(self.m.kill_session(victim.session_id))
        victim._session.join(10)
        self.assertFalse(victim.connected)

    def test_kill_nobody(self):
        with self.assertRaises(RPCError):
            self.m.kill_session("99999")

    def test_lock(self):
        with self.m.locked("candidate"):
            other = router.ncclient()
            with self.assertRaises(RPCError) as caught:
                other.lock("candidate")
            self.assertEqual((caught.exception.tag, caught.exception.severity), ("lock-denied", "error"))
            other.close_session()
        self.ok(self.m.lock("candidate"))
        self.ok(self.m.unlock("candidate"))

    def test_lock_ends_with_the_session(self):
        other = router.ncclient()
        other.lock("candidate")
        other.close_session()
        with self.m.locked("candidate"):
            pass

    def test_unknown(self):
        with self.assertRaises(RPCError) as caught:
            self.m.rpc("<get-the-moon/>")
        e = caught.exception
        self.assertEqual((e.type, e.tag, e.severity, e.message.strip()), ("protocol", "operation-failed", "error", "syntax error"))
        self.assertIn("get-the-moon", e.info)


class Data(unittest.TestCase):
    def setUp(self):
        self.m = router.ncclient()
        self.addCleanup(self.m.close_session)
        self.m.lock("candidate")
        self.addCleanup(self.m.unlock, "candidate")
        self.addCleanup(self.m.discard_changes)

    ok = router.ok

    def get(self, path, source="candidate"):
        return [e.text for e in self.m.get_config(source).xpath("data/configuration/" + path)]

    def described(self, source="candidate"):
        return self.get("interfaces/interface[name='ge-0/0/1']/description", source)

    def routes(self):
        return self.get("routing-options/static/route/name")

    def test_get_config(self):
        self.assertEqual(self.get("system/host-name", "running"), ["r1"])

    def test_filter(self):
        reply = self.m.get_config("running", filter=("subtree", "<configuration><routing-options/></configuration>"))
        self.assertEqual([e.tag for e in reply.xpath("data/configuration/*")], ["routing-options"])

    def test_get(self):
        reply = self.m.get(filter=("subtree", "<configuration><system><host-name/></system></configuration>"))
        self.assertEqual([e.text for e in reply.xpath("data/configuration/system/host-name")], ["r1"])

    def test_merge(self):
        self.ok(self.m.edit_config(DESCRIPTION % "merged", target="candidate"))
        self.assertEqual((self.described(), self.described("running")), (["merged"], ["to h1"]))

    def test_replace(self):
        self.m.edit_config(STATIC % "<static nc:operation='replace'><route><name>198.51.100.0/24</name><discard/></route></static>")
        self.assertEqual(self.routes(), ["198.51.100.0/24"])

    def test_create_and_delete(self):
        self.m.edit_config(STATIC % "<static><route nc:operation='create'><name>198.51.100.0/24</name><discard/></route></static>")
        self.assertEqual(sorted(self.routes()), ["192.0.2.0/24", "198.51.100.0/24"])
        self.m.edit_config(STATIC % "<static><route nc:operation='delete'><name>192.0.2.0/24</name></route></static>")
        self.assertEqual(self.routes(), ["198.51.100.0/24"])

    def test_default_operation_none(self):
        self.m.edit_config(STATIC % "<static><route nc:operation='delete'><name>192.0.2.0/24</name></route></static>",
                           default_operation="none")
        self.assertEqual(self.routes(), [])

    def test_refused(self):
        with self.assertRaises(RPCError) as caught:
            self.m.edit_config("<config><configuration><protocols><ospff/></protocols></configuration></config>")
        self.assertIn("syntax error", str(caught.exception))
        self.assertIn("ospff", caught.exception.info)

    def test_validate(self):
        self.m.edit_config(DESCRIPTION % "valid")
        self.ok(self.m.validate("candidate"))

    def test_validate_refused(self):
        self.m.load_configuration(action="set", config="set protocols bgp group peers import not-there")
        with self.assertRaises(RPCError) as caught:
            self.m.validate("candidate")
        self.assertIn("not-there", str(caught.exception))

    def test_discard(self):
        self.m.edit_config(DESCRIPTION % "discarded")
        self.ok(self.m.discard_changes())
        self.assertEqual(self.described(), ["to h1"])

    def test_commit(self):
        self.m.edit_config(DESCRIPTION % "committed")
        self.ok(self.m.commit())
        self.assertEqual(self.described("running"), ["committed"])
        self.m.edit_config(DESCRIPTION % "to h1")
        self.ok(self.m.commit(comment="as it was"))
        self.assertEqual(self.described("running"), ["to h1"])

    def test_commit_of_the_rfc(self):
        self.m.edit_config(DESCRIPTION % "by the book")
        self.m.rpc("<commit><confirmed/><confirm-timeout>600</confirm-timeout></commit>")
        self.assertEqual(self.described("running"), ["by the book"])
        self.m.edit_config(DESCRIPTION % "to h1")
        self.m.rpc("<commit/>")
        self.assertEqual(self.described("running"), ["to h1"])


if __name__ == "__main__":
    unittest.main()
