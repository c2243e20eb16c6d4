/* Encode a stack of frames to bytes in memory, and decode one frame of it.
 *
 * No file is needed: a fragment is a string of bytes that says everything about itself.
 * How to compile: docs/jobs/embed.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stfrag/stfrag.h>

enum { T = 16, Y = 64, X = 96 };
static uint16_t frames[T][Y][X], back[Y][X];

int main(void) {
  /* 12-bit gray samples: a ramp that moves to the right. */
  for (int t = 0; t < T; t++)
    for (int y = 0; y < Y; y++)
      for (int x = 0; x < X; x++) frames[t][y][x] = (uint16_t)((x + 2 * t) * 30 + y);

  /* What the samples are, how many there are, and where: strides are in bytes, so any layout will do. */
  stf_video video = {.format = {.dtype = STF_UINT16, .bits = 12, .components = 1}, .size = {T, Y, X}};
  video.planes[0] = (stf_plane){frames, sizeof frames[0], sizeof frames[0][0], sizeof frames[0][0][0]};

  /* Encode. The bound is the most bytes that it can take. Defaults are lossless, at effort 5. */
  stf_error error;
  stf_encode_options options;
  stf_encode_options_init(&options);
  options.effort = 7;
  size_t capacity, size;
  if (stf_fragment_bound(&video.format, video.size, &capacity, &error)) return puts(error.message), 1;
  void *coded = malloc(capacity);
  if (stf_fragment_encode(NULL, &options, &video, coded, capacity, &size, &error)) return puts(error.message), 1;

  /* Decode frame 9 alone: it is the first (and only) frame of the destination. */
  const uint32_t wanted = 9, place = 0;
  const stf_fragment_request request = {.frames = &wanted, .n_frames = 1, .targets = &place};
  const stf_video frame = {.planes = {{back, 0, sizeof back[0], sizeof back[0][0]}}};
  stf_work work = {0};
  if (stf_fragment_decode(NULL, coded, size, &request, &frame, &work, &error)) return puts(error.message), 1;
  free(coded);

  const int same = memcmp(back, frames[wanted], sizeof back) == 0;
  printf("%zu bytes became %zu; %u of %d frames were decoded for one, which is %s\n", sizeof frames, size,
         (unsigned)work.frames, T, same ? "exact" : "WRONG");
  return !same;
}
