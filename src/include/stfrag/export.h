/* SPDX-License-Identifier: BSD-3-Clause
 * export.h - marks what the shared library exports. */
#ifndef STFRAG_EXPORT_H
#define STFRAG_EXPORT_H

#if defined(STF_STATIC)
#define STF_API
#elif defined(_WIN32)
#ifdef STF_BUILDING
#define STF_API __declspec(dllexport)
#else
#define STF_API __declspec(dllimport)
#endif
#else
#define STF_API __attribute__((visibility("default")))
#endif

#endif
