/* app_tracker: app events in, features out. */
#include "extractors/program.h"

int main(int argc, char **argv)
{
	return program_main(&app_ops, argc, argv);
}
