"""Connections to the router under test, which the environment names."""
import os

HOST = os.environ["ROUTER_HOST"]
SSH = int(os.environ["ROUTER_SSH"])
NETCONF = int(os.environ["ROUTER_NETCONF"])
USER = os.environ["ROUTER_USER"]
PASSWORD = os.environ["ROUTER_PASSWORD"]


def pyez(**more):
    """An open PyEZ device."""
    from jnpr.junos import Device
    options = dict(host=HOST, port=NETCONF, user=USER, passwd=PASSWORD, gather_facts=False)
    options.update(more)
    return Device(**options).open()


def ncclient():
    """An open ncclient session."""
    from ncclient import manager
    return manager.connect(
        host=HOST, port=NETCONF, username=USER, password=PASSWORD, hostkey_verify=False,
        look_for_keys=False, allow_agent=False, device_params={"name": "junos"}, timeout=60)


def ok(test, reply):
    """Asserts that ncclient got an <ok/>."""
    test.assertTrue(reply.xpath("//ok"), reply.tostring)


def tables(name):
    """A catalogue of PyEZ's own operational tables and views.

    PyEZ 2.1 calls yaml.load as PyYAML had it before release 6, so its loader is
    used without its way to read files.
    """
    import jnpr.junos.op
    import yaml
    from jnpr.junos.factory.factory_loader import FactoryLoader
    path = os.path.join(os.path.dirname(jnpr.junos.op.__file__), name + ".yml")
    with open(path) as f:
        return FactoryLoader().load(yaml.safe_load(f))
