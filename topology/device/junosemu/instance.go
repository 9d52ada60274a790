package junosemu

// An Instance is a routing instance beside the master one: a router of its own
// inside of the router, with interfaces, tables, protocols and packet filters
// that the others do not see. Addresses may be the same as another's.
type Instance struct {
	Name   string
	Type   string // as in the configuration: virtual-router
	Intent        // with no Instances, and with the LLDP of no port
}

// An InstanceSensor is a Sensor of a router that can have routing instances. What
// it says as a Sensor is the master instance's.
type InstanceSensor interface {
	Sensor
	// Instance is what a routing instance is asked by; not ok if there is none of
	// that name.
	Instance(name string) (sensor Sensor, ok bool)
}
