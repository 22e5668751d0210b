#include "metrics/series.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace molotov::metrics {

struct alignas(kPageBytes) SeriesTable::Head {
  std::atomic<uint64_t> used{0};
};

SeriesTable::SeriesTable(void* memory, size_t rows)
    : head_(static_cast<Head*>(memory)),
      rows_(reinterpret_cast<SeriesRow*>(head_ + 1)),
      capacity_(rows) {}

size_t SeriesTable::size_bytes(size_t rows) {
  return sizeof(Head) + rows * sizeof(SeriesRow);
}

size_t SeriesTable::used() const {
  return std::min<uint64_t>(head_->used.load(std::memory_order_acquire),
                            capacity_);
}

namespace {

template <size_t Size>
size_t put(std::string_view text, std::array<char, Size>& room) {
  text = cut(text, Size);
  std::ranges::copy(text, room.begin());
  return text.size();
}

}  // namespace

SeriesRow* SeriesTable::append(SeriesKind kind, std::string_view name,
                               std::string_view unit) {
  const size_t index = head_->used.load(std::memory_order_relaxed);
  if (index >= capacity_) return nullptr;
  SeriesRow& row = rows_[index];
  row.kind.set(static_cast<uint64_t>(kind));
  put(unit, row.unit);
  row.name_bytes.set(put(name, row.name));
  head_->used.store(index + 1, std::memory_order_release);
  return &row;
}

SeriesWriter::SeriesWriter(SeriesTable table) : table_(table) {}

SeriesRow& SeriesWriter::find(SeriesKind kind, std::string_view name,
                              std::string_view unit) {
  Rows& rows = rows_[static_cast<size_t>(kind)];
  name = cut(name, sizeof(SeriesRow::name));
  if (const auto found = rows.find(name); found != rows.end())
    return *found->second;
  if (name != kOtherName) {
    if (names_ + kSeriesKinds >= table_.capacity())
      return find(kind, kOtherName);
    names_++;
  }
  SeriesRow* row = table_.append(kind, name, unit);
  CHECK(row);  // there is room for the rest of each kind
  return *rows.emplace(name, row).first->second;
}

}  // namespace molotov::metrics
