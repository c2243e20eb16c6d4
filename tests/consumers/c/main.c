/* A C99 program against the installed library: a fragment and a store to bytes and back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stfrag/stfrag.h>

typedef struct bytes {
  unsigned char* data;
  size_t size;
} bytes;

static stf_status grow(void* opaque, const void* data, size_t size) {
  bytes* b = opaque;
  unsigned char* bigger = realloc(b->data, b->size + size);
  if (bigger == NULL) return STF_E_MEMORY;
  memcpy(bigger + b->size, data, size);
  b->data = bigger;
  b->size += size;
  return STF_OK;
}

static void must(stf_status status, const stf_error* error, const char* what) {
  if (status == STF_OK) return;
  fprintf(stderr, "%s: %s: %s\n", what, stf_status_name(status), error->message);
  exit(1);
}

enum { T = 6, Y = 40, X = 50 };

int main(void) {
  static unsigned char in[T][Y][X], out[T][Y][X];
  stf_error error;
  for (int t = 0; t < T; ++t)
    for (int y = 0; y < Y; ++y)
      for (int x = 0; x < X; ++x) in[t][y][x] = (unsigned char)(x * 3 + y * 2 + t * 5);

  stf_video video = {{STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {0, 0}}, {T, Y, X}, {{in, Y * X, X, 1}}};
  size_t bound, coded_size;
  must(stf_fragment_bound(&video.format, video.size, &bound, &error), &error, "bound");
  void* coded = malloc(bound);
  must(stf_fragment_encode(NULL, NULL, &video, coded, bound, &coded_size, &error), &error, "encode");

  stf_fragment_request request;
  memset(&request, 0, sizeof request);
  stf_video target = video;
  target.planes[0].data = out;
  must(stf_fragment_decode(NULL, coded, coded_size, &request, &target, NULL, &error), &error, "decode");
  if (memcmp(in, out, sizeof in) != 0) return 2;
  free(coded);

  stf_store_desc desc;
  memset(&desc, 0, sizeof desc);
  desc.format = video.format;
  desc.y = Y;
  desc.x = X;
  desc.fragment_t = 4;
  desc.fragment_y = desc.fragment_x = 32;
  stf_pool* pool;
  must(stf_pool_create(2, &pool), &error, "pool");
  stf_env env;
  stf_env_init(&env);
  env.runner = stf_pool_runner(pool);

  bytes file = {NULL, 0};
  stf_sink sink = {&file, grow};
  stf_writer* writer;
  must(stf_writer_create(&env, &sink, &desc, NULL, &writer, &error), &error, "create");
  must(stf_writer_append(writer, &video, NULL, NULL, &error), &error, "append");
  must(stf_writer_finish(writer, "{}", 2, &error), &error, "finish");
  stf_writer_free(writer);

  stf_memory memory = {file.data, file.size};
  stf_source source;
  stf_source_memory(&memory, &source);
  stf_reader* reader;
  must(stf_reader_open(&env, &source, &reader, &error), &error, "open");
  unsigned char box[2][10][20];
  stf_request part;
  memset(&part, 0, sizeof part);
  part.t0 = 3;
  part.n_frames = 2;
  part.y0 = 25;
  part.y1 = 35;
  part.x0 = 20;
  part.x1 = 40;
  stf_video to = {video.format, {2, 10, 20}, {{box, 200, 20, 1}}};
  must(stf_reader_read(reader, &part, &to, NULL, &error), &error, "read");
  for (int t = 0; t < 2; ++t)
    for (int y = 0; y < 10; ++y)
      if (memcmp(box[t][y], &in[3 + t][25 + y][20], 20) != 0) return 3;
  stf_reader_free(reader);
  stf_pool_free(pool);
  printf("stfrag %s from C: %d bytes raw, %zu in a store, box exact\n", stf_version(), T * Y * X, file.size);
  free(file.data);
  return 0;
}
