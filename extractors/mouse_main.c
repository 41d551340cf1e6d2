/* mouse_extractor: mouse events in, features out. */
#include "extractors/program.h"

int main(int argc, char **argv)
{
	return program_main(&mouse_ops, argc, argv);
}
