/* Read a box of one frame from a store, in colour, and save it as a picture.
 *
 *     ./read_box video.stf box.ppm 12 32:96 64:192        frame 12, rows 32 to 95, columns 64 to 191
 *
 * Only the fragments that the box meets are decoded, and of those only the frames that are needed.
 * How to compile: docs/jobs/embed.md. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stfrag/stfrag.h>

static int failed(const char *what, const stf_error *error) {
  fprintf(stderr, "%s: %s\n", what, error->message);
  return 1;
}

int main(int argc, char **argv) {
  unsigned frame, y0, y1, x0, x1;
  if (argc != 6 || sscanf(argv[3], "%u", &frame) != 1 || sscanf(argv[4], "%u:%u", &y0, &y1) != 2 ||
      sscanf(argv[5], "%u:%u", &x0, &x1) != 2 || y0 >= y1 || x0 >= x1)
    return fprintf(stderr, "usage: read_box STORE OUT.ppm FRAME Y0:Y1 X0:X1\n"), 2;

  /* Open: a store is read through an stf_source; this one reads a file. NULL takes the default environment. */
  const int file = open(argv[1], O_RDONLY);
  stf_error error;
  stf_source source;
  stf_reader *reader;
  if (stf_source_fd(file, &source, &error)) return failed(argv[1], &error);
  if (stf_reader_open(NULL, &source, &reader, &error)) return failed(argv[1], &error);

  /* What is wanted: one frame, a box of it, as R, G and B. What is not named here is zero, the default. */
  stf_request request = {.n_frames = 1, .t0 = frame, .y0 = y0, .y1 = y1, .x0 = x0, .x1 = x1, .output = STF_OUTPUT_RGB};

  /* Colour: how the stored components become R, G and B, as the store says; here always in 8 bits, without alpha. */
  if (stf_reader_colour(reader, &request.colour, &error)) return failed(argv[1], &error);
  request.colour.out_bits = 8;
  request.colour.alpha = 0;

  /* Read straight into the picture's memory: three planes that lie interleaved, R G B R G B ... Strides are bytes. */
  const ptrdiff_t rows = y1 - y0, columns = x1 - x0;
  unsigned char *rgb = malloc((size_t)(rows * columns * 3));
  stf_video picture = {0};
  for (int c = 0; c < 3; c++) picture.planes[c] = (stf_plane){rgb + c, 0, columns * 3, 3};
  stf_work work = {0};
  if (stf_reader_read(reader, &request, &picture, &work, &error)) return failed(argv[1], &error);

  FILE *out = fopen(argv[2], "wb");
  fprintf(out, "P6 %td %td 255\n", columns, rows);
  fwrite(rgb, 3, (size_t)(rows * columns), out);
  fclose(out);
  printf("%u fragments and %u of their frames were decoded\n", (unsigned)work.fragments, (unsigned)work.frames);

  free(rgb);
  stf_reader_free(reader);
  close(file);
  return 0;
}
