package intent

// evpn is the family of EVPN: sessions carry it and pass its routes on. Its
// policies are not translated.
func (b *bgpCompiler) evpn() []string {
	var lines []string
	for _, n := range b.neighbors {
		if !n.evpn {
			continue
		}
		head := " neighbor " + n.address.String() + " "
		lines = append(lines, head+"activate", head+"soft-reconfiguration inbound")
		if n.has("cluster") && n.internal {
			lines = append(lines, head+"route-reflector-client")
		}
	}
	if len(lines) == 0 {
		return nil
	}
	lines = append([]string{"address-family l2vpn evpn"}, lines...)
	return append(lines, "exit-address-family")
}
