// Package stage is what the made-up chat platforms stand on, whatever the platform: the time that passes there, what the app
// did and can be looked at, and the page on which a person tries the app. It knows no platform, and nothing of testing, since
// the made-up platforms are part of the program too.
package stage
