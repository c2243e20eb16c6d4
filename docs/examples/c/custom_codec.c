/* Teach the library a codec of your own: here a toy that stores a picture as runs of equal bytes.
 *
 * A codec turns pictures into packets and packets into pictures. Everything else is the library's: which packets a read
 * needs, cropping, checksums. A real codec would call an encoder of H.264 or AV1 here.
 *
 * How to compile: docs/jobs/embed.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stfrag/stfrag.h>

enum { T = 6, Y = 32, X = 48 };

/* Encode: called once for a fragment. Every frame becomes a packet of pairs (length of the run, value). */
static stf_status encode(void *opaque, const stf_encode_options *options, const stf_video *source,
                         stf_stream_sink *sink, stf_error *error) {
  (void)opaque, (void)options;
  const size_t samples = (size_t)source->size.y * source->size.x;
  stf_stream stream = {.codec = STF_CODEC_FFV1, .components = 1, .bits = 8, .y = source->size.y, .x = source->size.x};
  unsigned char *picture = malloc(samples), *runs = malloc(2 * samples);
  stf_status status = picture && runs ? stf_stream_begin(sink, &stream, error) : STF_E_MEMORY;
  for (uint32_t t = 0; t < source->size.t && status == STF_OK; t++) {
    const stf_plane planes[STF_MAX_COMPONENTS] = {{picture, 0, source->size.x, 1}};
    status = stf_stream_picture(&stream, source, t, planes, error); /* frame t, as this stream wants it */
    size_t size = 0;
    for (size_t i = 0, run; i < samples; i += run, size += 2) {
      for (run = 1; run < 255 && i + run < samples && picture[i + run] == picture[i];) run++;
      runs[size] = (unsigned char)run, runs[size + 1] = picture[i];
    }
    /* No packet needs another: each is a key, and any of them may be left out. */
    const stf_packet packet = {runs, size, (int32_t)t, STF_PACKET_KEY | STF_PACKET_DISPOSABLE};
    if (status == STF_OK) status = stf_stream_put(sink, &packet, error);
  }
  free(picture), free(runs);
  return status;
}

/* Decode: the packets of the frames that are wanted come in; each picture is handed to `deliver`. What `stream` and the
 * packets say may be damaged or forged, so all of it is checked. */
static stf_status decode(void *opaque, const stf_stream *stream, const stf_packet *packets, size_t n,
                         stf_deliver deliver, void *deliver_opaque, stf_error *error) {
  (void)opaque, (void)error;
  if (stream->components != 1 || stream->bits != 8) return STF_E_CORRUPT_FRAGMENT;
  const size_t samples = (size_t)stream->y * stream->x;
  unsigned char *picture = malloc(samples);
  stf_status status = picture ? STF_OK : STF_E_MEMORY;
  for (size_t p = 0; p < n && status == STF_OK; p++) {
    if (packets[p].frame == STF_PACKET_HIDDEN) continue;
    const unsigned char *runs = packets[p].data;
    size_t done = 0;
    for (size_t i = 0; i + 1 < packets[p].size && runs[i] <= samples - done; done += runs[i], i += 2)
      memset(picture + done, runs[i + 1], runs[i]);
    const stf_plane planes[STF_MAX_COMPONENTS] = {{picture, 0, stream->x, 1}};
    status = done == samples ? deliver(deliver_opaque, (uint32_t)packets[p].frame, planes) : STF_E_CORRUPT_FRAGMENT;
  }
  free(picture);
  return status;
}

int main(void) {
  /* Register: ids are those of stf_codec_id, and this program says that its FFV1 is the toy. */
  const stf_codec codec = {.id = STF_CODEC_FFV1, .name = "runs", .decode = decode, .encode = encode};
  stf_env env;
  stf_env_init(&env);
  env.codecs = &codec;
  env.n_codecs = 1;

  static unsigned char frames[T][Y][X], back[Y][X];
  for (int t = 0; t < T; t++)
    for (int y = 0; y < Y; y++) memset(frames[t][y], y / 8 * 40 + t, X);
  stf_video video = {.format = {.dtype = STF_UINT8, .bits = 8, .components = 1}, .size = {T, Y, X}};
  video.planes[0] = (stf_plane){frames, sizeof frames[0], X, 1};

  stf_encode_options options;
  stf_encode_options_init(&options);
  options.codec = STF_CODEC_FFV1;
  unsigned char coded[8192];
  size_t size;
  stf_error error;
  if (stf_fragment_encode(&env, &options, &video, coded, sizeof coded, &size, &error)) return puts(error.message), 1;

  const uint32_t wanted = 4, place = 0;
  const stf_fragment_request request = {.frames = &wanted, .n_frames = 1, .targets = &place};
  const stf_video frame = {.planes = {{back, 0, X, 1}}};
  stf_work work = {0};
  if (stf_fragment_decode(&env, coded, size, &request, &frame, &work, &error)) return puts(error.message), 1;
  const int same = memcmp(back, frames[wanted], sizeof back) == 0;
  printf("%zu bytes became %zu; frame %u came from %u of %d packets and is %s\n", sizeof frames, size, wanted,
         (unsigned)work.frames, T, same ? "exact" : "WRONG");

  /* A program that does not register the codec is told which one it lacks. */
  if (stf_fragment_decode(NULL, coded, size, &request, &frame, NULL, &error) != STF_E_CODEC) return 1;
  printf("without it: %s\n", error.message);
  return !same;
}
