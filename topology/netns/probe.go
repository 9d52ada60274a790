package netns

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// A Feature is something labs can use that a kernel or a host may lack.
type Feature struct {
	Name      string `json:"name"`
	Available bool   `json:"available"`
	Required  bool   `json:"required"` // without it no lab with routers runs
	Detail    string `json:"detail,omitempty"`
	Hint      string `json:"hint,omitempty"` // how to get it
}

// Probe tries what this host can do, and lists it. It makes each kind of device
// in a network namespace that is gone when it returns.
func Probe() []Feature {
	features := []Feature{probeFRR(), probeProgram("ip", "iproute2")}
	onThrowawayThread(func() {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			features = append(features, Feature{
				Name: "network namespaces", Required: true, Detail: err.Error(), Hint: usernsHint(err),
			})
			return
		}
		features = append(features, Feature{Name: "network namespaces", Required: true, Available: true})
		features = append(features, probeDevices()...)
		features = append(features, probeNFT())
	})
	return features
}

func probeFRR() Feature {
	f := Feature{Name: "FRRouting", Required: true}
	version, err := frrVersion()
	if err != nil {
		f.Detail, f.Hint = err.Error(), installFRR
		return f
	}
	f.Available, f.Detail = true, version
	return f
}

func probeProgram(name, pkg string) Feature {
	path, err := exec.LookPath(name)
	if err != nil {
		return Feature{Name: name, Required: true, Detail: err.Error(), Hint: "apt-get install " + pkg}
	}
	return Feature{Name: name, Required: true, Available: true, Detail: path}
}

// probeDevices makes a device of each kind in the calling thread's namespace.
func probeDevices() []Feature {
	attrs := func(name string) netlink.LinkAttrs {
		a := netlink.NewLinkAttrs()
		a.Name = name
		return a
	}
	veth := &netlink.Veth{LinkAttrs: attrs("veth0"), PeerName: "veth1"}
	features := []Feature{probeDevice("veth", true, "modprobe veth", veth)}
	child := attrs("vlan1")
	macvlan := attrs("macvlan0")
	if parent, err := netlink.LinkByName("veth0"); err == nil {
		child.ParentIndex, macvlan.ParentIndex = parent.Attrs().Index, parent.Attrs().Index
	}
	vxlan := &netlink.Vxlan{LinkAttrs: attrs("vxlan0"), VxlanId: 1, Port: 4789}
	for _, d := range []struct {
		name, module string
		link         netlink.Link
	}{
		{"802.1Q sub-interfaces", "8021q", &netlink.Vlan{LinkAttrs: child, VlanId: 1}},
		{"macvlan", "macvlan", &netlink.Macvlan{LinkAttrs: macvlan, Mode: netlink.MACVLAN_MODE_BRIDGE}},
		{"VRF", "vrf", &netlink.Vrf{LinkAttrs: attrs("vrf0"), Table: 100}},
		{"bridge", "bridge", &netlink.Bridge{LinkAttrs: attrs("bridge0")}},
		{"VXLAN", "vxlan", vxlan},
		{"dummy", "dummy", &netlink.Dummy{LinkAttrs: attrs("dummy0")}},
		{"bonding", "bonding", netlink.NewLinkBond(attrs("bond0"))},
		{"GRE", "ip_gre", &netlink.Gretun{LinkAttrs: attrs("gre1")}},
	} {
		features = append(features, probeDevice(d.name, false, "modprobe "+d.module, d.link))
	}
	return append(features, probeNetem())
}

func probeDevice(name string, required bool, hint string, link netlink.Link) Feature {
	return feature(name, required, hint, netlink.LinkAdd(link))
}

// probeNetem looks for delay, jitter and loss on a link.
func probeNetem() Feature {
	link, err := netlink.LinkByName("veth0")
	if err == nil {
		attrs := netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT}
		err = netlink.QdiscAdd(netlink.NewNetem(attrs, netlink.NetemQdiscAttrs{Latency: 1000}))
	}
	return feature("netem", false, "modprobe sch_netem", err)
}

// nftProbe is what firewall filters need of nftables.
const nftProbe = `table inet probe {
	counter c { }
	limit l { rate over 1000 bytes/second burst 1000 bytes }
	chain in {
		type filter hook prerouting priority -300; policy accept;
		ip saddr { 192.0.2.1-192.0.2.9 } tcp flags & 0x12 == { 2 } limit name l counter name c reject with tcp reset
	}
}
`

// probeNFT looks for packet filters, in the calling thread's namespace.
func probeNFT() Feature {
	const name, hint = "nftables", "apt-get install nftables"
	path, err := exec.LookPath("nft")
	if err != nil {
		return Feature{Name: name, Detail: err.Error(), Hint: hint}
	}
	cmd := exec.Command(path, "-f", "-")
	cmd.Stdin = strings.NewReader(nftProbe)
	if out, err := cmd.CombinedOutput(); err != nil {
		return Feature{Name: name, Detail: fmt.Sprintf("%v: %s", err, strings.TrimSpace(string(out))), Hint: "modprobe nf_tables nft_limit nft_reject_inet"}
	}
	return Feature{Name: name, Available: true, Detail: path}
}

// feature judges by the error that using it gave.
func feature(name string, required bool, hint string, err error) Feature {
	f := Feature{Name: name, Required: required, Available: err == nil}
	switch {
	case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOENT):
		f.Detail, f.Hint = "this kernel does not have it", hint
	case err != nil:
		f.Detail = fmt.Sprintf("%v", err)
	}
	return f
}
