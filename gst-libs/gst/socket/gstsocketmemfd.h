/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketmemfd.h: memory that can be handed to another process
 *
 * Here: an allocator of sealed memfds, and finding out what a descriptor is.
 * Not here: sending descriptors (gstsocketfdpass.h).
 */
#pragma once

#include <gst/allocators/allocators.h>
#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

#define GST_TYPE_SOCKET_MEMFD_ALLOCATOR (gst_socket_memfd_allocator_get_type ())
GST_SOCKET_API
G_DECLARE_FINAL_TYPE (GstSocketMemfdAllocator, gst_socket_memfd_allocator, GST,
    SOCKET_MEMFD_ALLOCATOR, GstFdAllocator)

/**
 * GstSocketFdKind:
 * @GST_SOCKET_FD_OTHER: nothing that can be mapped
 * @GST_SOCKET_FD_DMABUF: a dmabuf; never changes its size
 * @GST_SOCKET_FD_SEALED: a memfd that cannot become shorter
 * @GST_SOCKET_FD_UNSEALED: a file that can; mapping it may end in SIGBUS
 */
typedef enum
{
  GST_SOCKET_FD_OTHER,
  GST_SOCKET_FD_DMABUF,
  GST_SOCKET_FD_SEALED,
  GST_SOCKET_FD_UNSEALED,
} GstSocketFdKind;

/**
 * GstSocketFdInfo: (skip)
 * @dev: with @ino, the identity of what the descriptor refers to
 * @size: bytes that can be mapped
 */
typedef struct
{
  GstSocketFdKind kind;
  guint64 dev;
  guint64 ino;
  guint64 size;
} GstSocketFdInfo;

GST_SOCKET_API
GstAllocator *gst_socket_memfd_allocator_new (void);
GST_SOCKET_API
GstAllocator *gst_socket_memfd_allocator_new_protected (void);
GST_SOCKET_API
gboolean gst_socket_fd_inspect (gint fd, GstSocketFdInfo *ret_info);

G_END_DECLS
