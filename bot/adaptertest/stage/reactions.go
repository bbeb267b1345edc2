package stage

import "slices"

// Reaction is an emoji on a message and who put it there.
type Reaction struct {
	Name  string
	Users []string
}

// Reactions are those on a message.
type Reactions []Reaction

// Add puts an emoji on the message for a user; it returns false if it is there.
func (r *Reactions) Add(name, user string) bool {
	i := slices.IndexFunc(*r, func(on Reaction) bool { return on.Name == name })
	if i < 0 {
		*r = append(*r, Reaction{Name: name, Users: []string{user}})
		return true
	}
	on := &(*r)[i]
	if slices.Contains(on.Users, user) {
		return false
	}
	on.Users = append(on.Users, user)
	return true
}

// Remove takes an emoji away; it returns false if it is not there.
func (r *Reactions) Remove(name, user string) bool {
	i := slices.IndexFunc(*r, func(on Reaction) bool { return on.Name == name && slices.Contains(on.Users, user) })
	if i < 0 {
		return false
	}
	on := &(*r)[i]
	on.Users = slices.DeleteFunc(slices.Clone(on.Users), func(id string) bool { return id == user })
	if len(on.Users) == 0 {
		*r = slices.Delete(*r, i, i+1)
	}
	return true
}

// Clone returns a copy that shares nothing with them.
func (r Reactions) Clone() Reactions {
	c := slices.Clone(r)
	for i := range c {
		c[i].Users = slices.Clone(c[i].Users)
	}
	return c
}
