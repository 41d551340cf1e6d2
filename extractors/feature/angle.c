/*
 * atan2 without branches; see angle.h.
 *
 * With lo <= hi the smaller and the larger magnitude, atan(lo/hi) is taken
 * directly up to tan(pi/8), else as pi/4 + atan((lo - hi) / (lo + hi)); so one
 * division brings |q| to at most tan(pi/8) = 0.41421356.  Then the octant is unfolded.
 *
 * atan(q) = q + q z P(z), z = q^2.  P interpolates (atan(q) - q) / q^3 at the ten
 * Chebyshev nodes of 0 <= z <= tan^2(pi/8): relative error of atan at most 1.3e-16.
 * The series has -1/3, 1/5, -1/7, ... in the place of these coefficients.
 */
#include "extractors/feature/angle.h"

#include <float.h>

#define TAN_PI_8 0.41421356237309505
#define BOTH(c)      \
	{            \
		c, c \
	}

static const lanes P[] = {
	BOTH(-0.3333333333333325),  BOTH(0.19999999999898407),	BOTH(-0.14285714266096475),
	BOTH(0.11111109636525059),  BOTH(-0.09090852556875234), BOTH(0.07691055152958336),
	BOTH(-0.06649613637879005), BOTH(0.057363318138629805), BOTH(-0.04483333462351388),
	BOTH(0.022750511120272945),
};

static lanes with_sign_of(lanes magnitude, lanes v)
{
	return (lanes)((lanes_mask)magnitude | lanes_sign(v));
}

lanes angle_of(lanes dy, lanes dx)
{
	lanes ax = lanes_abs(dx), ay = lanes_abs(dy);
	lanes hi = lanes_max(ax, ay), lo = lanes_min(ax, ay);
	lanes_mask second = lo > hi * lanes_all(TAN_PI_8);
	lanes top = lo - lanes_keep(second, hi), bottom = hi + lanes_keep(second, lo);
	lanes q = top / lanes_max(bottom, lanes_all(DBL_TRUE_MIN)), z = q * q, z2, z4, p, a, from;

	z2 = z * z;
	z4 = z2 * z2;
	p = (P[0] + P[1] * z) + (P[2] + P[3] * z) * z2;
	p += ((P[4] + P[5] * z) + (P[6] + P[7] * z) * z2 + (P[8] + P[9] * z) * z4) * z4;
	a = q + q * (z * p) + lanes_keep(second, lanes_all(M_PI_4));
	a = lanes_either(ay > ax, lanes_all(M_PI_2) - a, a);
	/* pi - a where dx is negative (or -0), else 0 + a */
	from = lanes_all(M_PI_2) - with_sign_of(lanes_all(M_PI_2), dx);
	a = from + (lanes)((lanes_mask)a ^ lanes_sign(dx));
	return with_sign_of(a, dy);
}
