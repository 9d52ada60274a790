package frr

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	const text = `Building configuration...

Current configuration:
!
frr version 8.4.4
frr defaults traditional
hostname r1
log file /tmp/x
!
router bgp 65000
 neighbor 10.0.0.1   remote-as 65001
 neighbor 10.0.0.1 description log file of the hostname
 !
 address-family ipv4 unicast
  network 10.0.0.0/8
 exit-address-family
exit
!
interface eth1
 ip ospf cost 3
exit
interface eth1
 ip ospf priority 2
exit
line vty
!
end
`
	const want = `router bgp 65000
 neighbor 10.0.0.1 remote-as 65001
 neighbor 10.0.0.1 description log file of the hostname
 address-family ipv4 unicast
  network 10.0.0.0/8
interface eth1
 ip ospf cost 3
 ip ospf priority 2
`
	tree, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := tree.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestParseRefusesContentWithoutContext(t *testing.T) {
	_, err := parse("!\n ip ospf cost 3\n")
	if err == nil || !strings.Contains(err.Error(), `line 2: " ip ospf cost 3" is indented`) {
		t.Errorf("error %v", err)
	}
}

func TestCompare(t *testing.T) {
	a, _ := parse("router ospf\n a 1\n b 2\nx\n")
	b, _ := parse("x\nrouter ospf\n b 2\n c 3\n")
	var got []string
	for _, d := range compare(a, b, nil) {
		got = append(got, d.String())
	}
	if want := "-a 1 (in router ospf)|+c 3 (in router ospf)"; strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
}

// FuzzParse holds that what a tree prints is that tree again.
func FuzzParse(f *testing.F) {
	for _, configs := range corpus(f) {
		for _, text := range configs {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := parse(text)
		if err != nil {
			return
		}
		again, err := parse(tree.String())
		if err != nil {
			t.Fatalf("%v in:\n%s", err, tree)
		}
		if left := compare(tree, again, nil); len(left) > 0 {
			t.Errorf("%v in:\n%s", left, tree)
		}
	})
}
