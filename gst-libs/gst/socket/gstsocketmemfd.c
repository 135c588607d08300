/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketmemfd.c: memory that can be handed to another process
 *
 * Here: see gstsocketmemfd.h. Pooling is GstBufferPool's, with this allocator.
 * Not here: sending descriptors. Any thread.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketmemfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SIZE_SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

/* Of Linux 5.1; older headers lack it, older kernels refuse it. */
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

/* From linux/magic.h, which older headers lack. */
#ifndef DMA_BUF_MAGIC
#define DMA_BUF_MAGIC 0x444d4142
#endif

struct _GstSocketMemfdAllocator
{
  GstFdAllocator parent;

  /* immutable after new: nobody else can write */
  gboolean is_protected;
};

G_DEFINE_FINAL_TYPE (
    GstSocketMemfdAllocator, gst_socket_memfd_allocator, GST_TYPE_FD_ALLOCATOR)

static gint
new_memfd (gsize size)
{
  gint fd = memfd_create ("gst-socket", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd < 0)
    return -1;
  if (ftruncate (fd, size) == 0 && fcntl (fd, F_ADD_SEALS, SIZE_SEALS) == 0)
    return fd;
  close (fd);
  return -1;
}

/* The mapping that is there already stays writable, and stays. */
static gboolean
seal (GstMemory *mem, gboolean is_protected)
{
  gint fd = gst_fd_memory_get_fd (mem);
  GstMapInfo map;

  if (is_protected) {
    if (!gst_memory_map (mem, &map, GST_MAP_READWRITE))
      return FALSE;
    gst_memory_unmap (mem, &map);
    fcntl (fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE);
  }
  return fcntl (fd, F_ADD_SEALS, F_SEAL_SEAL) == 0;
}

/* A mapping begins on a page, so only the prefix can spoil the alignment. */
static GstMemory *
gst_socket_memfd_allocator_alloc (
    GstAllocator *allocator, gsize size, GstAllocationParams *params)
{
  gsize prefix = (params->prefix + params->align) & ~(gsize) params->align;
  gsize maxsize = MAX (prefix + size + params->padding, 1);
  gint fd = new_memfd (maxsize);
  GstMemory *mem;

  if (fd < 0)
    return NULL;
  mem = gst_fd_allocator_alloc (
      allocator, fd, maxsize, GST_FD_MEMORY_FLAG_KEEP_MAPPED);
  if (mem == NULL) {
    close (fd);
    return NULL;
  }
  if (!seal (mem, GST_SOCKET_MEMFD_ALLOCATOR (allocator)->is_protected)) {
    gst_memory_unref (mem);
    return NULL;
  }
  gst_memory_resize (mem, prefix, size);
  return mem;
}

static void
gst_socket_memfd_allocator_class_init (GstSocketMemfdAllocatorClass *klass)
{
  GST_ALLOCATOR_CLASS (klass)->alloc = gst_socket_memfd_allocator_alloc;
}

/* The parent says CUSTOM_ALLOC because it cannot allocate; this one can. */
static void
gst_socket_memfd_allocator_init (GstSocketMemfdAllocator *self)
{
  GST_OBJECT_FLAG_UNSET (self, GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
}

/**
 * gst_socket_memfd_allocator_new:
 *
 * An allocator whose memories are memfds of fixed size, mapped at most once,
 * sealed so that no process can shorten them. They are #GstFdMemory.
 *
 * Returns: (transfer full): a new allocator
 */
GstAllocator *
gst_socket_memfd_allocator_new (void)
{
  return gst_object_ref_sink (
      g_object_new (GST_TYPE_SOCKET_MEMFD_ALLOCATOR, NULL));
}

/**
 * gst_socket_memfd_allocator_new_protected:
 *
 * As gst_socket_memfd_allocator_new(), and only this process can write into
 * the memories: others that get a descriptor can read, neither map for writing
 * nor write. (With Linux before 5.1 they can.)
 *
 * Returns: (transfer full): a new allocator
 */
GstAllocator *
gst_socket_memfd_allocator_new_protected (void)
{
  GstAllocator *allocator = gst_socket_memfd_allocator_new ();

  GST_SOCKET_MEMFD_ALLOCATOR (allocator)->is_protected = TRUE;
  return allocator;
}

/* A memfd that is not sealed yet takes the seal from whoever holds it. */
static GstSocketFdKind
find_file_kind (gint fd)
{
  gint seals = fcntl (fd, F_GET_SEALS);

  if (seals < 0)
    return GST_SOCKET_FD_UNSEALED;
  if ((seals & F_SEAL_SHRINK) != 0
      || fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0)
    return GST_SOCKET_FD_SEALED;
  return GST_SOCKET_FD_UNSEALED;
}

static guint64
find_dmabuf_size (gint fd)
{
  off_t size = lseek (fd, 0, SEEK_END);

  lseek (fd, 0, SEEK_SET);
  return MAX (size, 0);
}

/**
 * gst_socket_fd_inspect: (skip)
 * @fd: a descriptor, perhaps a peer's
 * @ret_info: (out caller-allocates): what the kernel says of it
 *
 * Finds out what a descriptor is, whatever its sender claims. A memfd that can
 * be sealed is sealed against shrinking.
 *
 * Returns: %FALSE when it is not a descriptor or nothing that can be mapped
 */
gboolean
gst_socket_fd_inspect (gint fd, GstSocketFdInfo *ret_info)
{
  struct stat st;
  struct statfs fs;

  if (fstat (fd, &st) < 0 || fstatfs (fd, &fs) < 0)
    return FALSE;
  ret_info->dev = st.st_dev;
  ret_info->ino = st.st_ino;
  if (fs.f_type == DMA_BUF_MAGIC) {
    ret_info->kind = GST_SOCKET_FD_DMABUF;
    ret_info->size = find_dmabuf_size (fd);
    return TRUE;
  }
  if (!S_ISREG (st.st_mode)) {
    ret_info->kind = GST_SOCKET_FD_OTHER;
    return FALSE;
  }
  ret_info->kind = find_file_kind (fd);
  /* After the seal: from here on the size only grows. */
  if (fstat (fd, &st) < 0)
    return FALSE;
  ret_info->size = st.st_size;
  return TRUE;
}
