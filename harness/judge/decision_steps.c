/* Steps to switch and to go back; see decision_steps.h. */
#include "harness/judge/decision_steps.h"

#include <string.h>

const char *const decision_programs[EVENT_TYPES] = { "keystroke_extractor", "mouse_extractor",
						     "app_tracker" };

#define DROP_IN "/etc/systemd/system/$NAME.service.d/python.conf"

/* The unit's MemoryMax=64M is for C; numpy and a burst want more. */
static const struct decision_step to_c[] = {
	{ "Build the C extractors.", "make extractors" },
	{ "Keep the Python one where the way back finds it; the unit cannot read /home.",
	  "sudo mkdir -p /opt/seclyzer && sudo cp -rT baselines/python /opt/seclyzer/python" },
	{ "Stop what runs now. It sends or spools what is pending within 2 s.",
	  "sudo systemctl stop $NAME.service" },
	{ "See that its spool is empty: each language sends only what it spooled itself. If there "
	  "are files with bytes in them, start it again until the database took them.",
	  "sudo find /var/lib/seclyzer/$NAME/spool/ -name '*.spool' -size +0" },
	{ "Install the program and its unit.",
	  "sudo install -m 755 build/release/bin/$NAME /usr/local/bin/$NAME && sudo install -m 644 "
	  "extractors/systemd/$NAME.service /etc/systemd/system/$NAME.service" },
	{ "Let the unit run C, now and after a restart.",
	  "sudo rm -f " DROP_IN " && sudo systemctl daemon-reload && sudo systemctl enable --now "
	  "$NAME.service" },
	{ "Look at its counters: received grows with the events, rejected, publish_errors and "
	  "points_dropped stay 0.",
	  "sudo systemctl kill -s SIGUSR1 $NAME.service && journalctl -u $NAME.service -n 20 | grep stats" },
	{ "Watch it for a day before the next extractor: reconnects, memory, features a day.",
	  "systemctl show -p NRestarts -p MemoryCurrent $NAME.service" },
};

static const struct decision_step to_python[] = {
	{ "Install what Python needs.",
	  "sudo apt-get install python3 python3-redis python3-hiredis python3-numpy" },
	{ "Stop the C one. It sends or spools what is pending within 2 s; its spool must be empty "
	  "as well.",
	  "sudo systemctl stop $NAME.service; sudo find /var/lib/seclyzer/$NAME/spool/ -name '*.spool' -size +0" },
	{ "Point the unit to Python; configuration and state directory stay, app patterns are read "
	  "by both.",
	  "sudo mkdir -p /etc/systemd/system/$NAME.service.d && printf "
	  "\"[Service]\\nExecStart=\\nExecStart=/opt/seclyzer/python/$NAME\\nMemoryMax=256M\\n\" | "
	  "sudo tee " DROP_IN },
	{ "Start it and look at its counters.",
	  "sudo systemctl daemon-reload && sudo systemctl start $NAME.service && sudo systemctl kill "
	  "-s SIGUSR1 $NAME.service && journalctl -u $NAME.service -n 20 | grep stats" },
};

static const struct {
	const struct decision_step *steps;
	size_t n;
} ways[DECISION_WAYS] = {
	[WAY_SWITCH] = { to_c, ARRAY_SIZE(to_c) },
	[WAY_BACK] = { to_python, ARRAY_SIZE(to_python) },
};

const struct decision_step *decision_step(enum decision_way way, size_t i)
{
	return i < ways[way].n ? &ways[way].steps[i] : NULL;
}

bool decision_has_steps(const char *from, const char *to)
{
	return !strcmp(from, "python") && !strcmp(to, "c");
}
