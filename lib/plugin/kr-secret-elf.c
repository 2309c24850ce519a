/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/kr-secret-elf-private.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"

/* Reads a shared object without loading it: loading runs constructors, and a file that is not our
 * plugin must not run. Handles only what the linker itself writes; checks everything against the
 * file's length. */

/* Copies size bytes at offset; FALSE if the file ends before. */
static gboolean
read_at (const guint8 *file, gsize length, guint64 offset, gpointer out, gsize size)
{
  if (offset > length || size > length - offset)
    return FALSE;
  memcpy (out, file + offset, size);
  return TRUE;
}

static gboolean
name_is (
    const guint8 *file, gsize length, const ElfW (Shdr) * strings, guint64 name, const char *symbol)
{
  gsize size = strlen (symbol) + 1;

  return name < strings->sh_size && size <= strings->sh_size - name && strings->sh_offset <= length
         && name <= length - strings->sh_offset && size <= length - strings->sh_offset - name
         && memcmp (file + strings->sh_offset + name, symbol, size) == 0;
}

static gboolean
read_section (
    const guint8 *file, gsize length, const ElfW (Ehdr) * header, guint index, ElfW (Shdr) * out)
{
  return index < header->e_shnum && header->e_shentsize == sizeof *out
         && read_at (file, length, header->e_shoff + (guint64) index * sizeof *out, out,
                     sizeof *out);
}

/* Finds a defined symbol by name in the dynamic symbol table. */
static gboolean
find_symbol (const guint8 *file,
             gsize length,
             const ElfW (Ehdr) * header,
             const char *symbol,
             ElfW (Sym) * out)
{
  ElfW (Shdr) table, strings;

  for (guint i = 0; read_section (file, length, header, i, &table); i++)
    {
      if (table.sh_type != SHT_DYNSYM
          || !read_section (file, length, header, table.sh_link, &strings))
        continue;
      for (guint64 at = 0; at + sizeof *out <= table.sh_size; at += sizeof *out)
        {
          if (!read_at (file, length, table.sh_offset + at, out, sizeof *out))
            return FALSE;
          if (out->st_shndx != SHN_UNDEF && name_is (file, length, &strings, out->st_name, symbol))
            return TRUE;
        }
    }
  return FALSE;
}

/* Copies the first size bytes of the object a symbol names, as they stand in the file. */
gboolean
kr_secret_elf_read_symbol (const guint8 *file,
                           gsize length,
                           const char *symbol,
                           gpointer out_bytes,
                           gsize size,
                           GError **error)
{
  ElfW (Ehdr) header;
  ElfW (Sym) found;
  ElfW (Shdr) section;

  if (!read_at (file, length, 0, &header, sizeof header)
      || memcmp (header.e_ident, ELFMAG, SELFMAG) != 0
      || header.e_ident[EI_CLASS] != (sizeof (void *) == 8 ? ELFCLASS64 : ELFCLASS32)
      || header.e_type != ET_DYN)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN,
                           _ ("is not a shared object for this machine"));
  if (!find_symbol (file, length, &header, symbol, &found))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN, _ ("does not export %s"), symbol);
  if (found.st_size < size || !read_section (file, length, &header, found.st_shndx, &section)
      || section.sh_type != SHT_PROGBITS || found.st_value < section.sh_addr
      || found.st_value - section.sh_addr > section.sh_size
      || !read_at (file, length, section.sh_offset + (found.st_value - section.sh_addr), out_bytes,
                   size))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN,
                           _ ("exports %s, but that is not a plugin structure"), symbol);
  return TRUE;
}
