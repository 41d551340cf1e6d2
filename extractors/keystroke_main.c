/* keystroke_extractor: keystroke events in, features out. */
#include "extractors/program.h"

int main(int argc, char **argv)
{
	return program_main(&keystroke_ops, argc, argv);
}
