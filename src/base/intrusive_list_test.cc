// The list through its elements: order, removal from anywhere, destruction.
#include "base/intrusive_list.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace molotov {
namespace {

struct OtherTag;
struct Item : ListNode<>, ListNode<OtherTag> {
  explicit Item(char name) : name(name) {}
  char name;
};
using List = IntrusiveList<Item>;
using OtherList = IntrusiveList<Item, OtherTag>;

std::string names(List& list) {
  std::string all;
  for (Item* item = list.front(); item; item = list.next(*item))
    all += item->name;
  return all;
}

class IntrusiveListTest : public testing::Test {
 protected:
  Item a_{'a'}, b_{'b'}, c_{'c'};
  List list_;
};

void unlink(Item& item) {
  item.ListNode<>::unlink();
}
bool linked(const Item& item) {
  return item.ListNode<>::linked();
}

TEST_F(IntrusiveListTest, EmptyHasNoEnds) {
  EXPECT_TRUE(list_.empty());
  EXPECT_EQ(list_.front(), nullptr);
  EXPECT_EQ(list_.back(), nullptr);
  EXPECT_EQ(list_.pop_front(), nullptr);
}

TEST_F(IntrusiveListTest, KeepsTheOrder) {
  list_.push_back(b_);
  list_.push_back(c_);
  list_.push_front(a_);
  EXPECT_EQ(names(list_), "abc");
  EXPECT_EQ(list_.front(), &a_);
  EXPECT_EQ(list_.back(), &c_);
  EXPECT_EQ(list_.pop_front(), &a_);
  EXPECT_FALSE(linked(a_));
  EXPECT_EQ(names(list_), "bc");
}

TEST_F(IntrusiveListTest, RemovalFromAnyPlace) {
  for (Item* removed : {&a_, &b_, &c_}) {
    for (Item* item : {&a_, &b_, &c_}) list_.push_back(*item);
    unlink(*removed);
    unlink(*removed);  // no effect
    std::string left = "abc";
    left.erase(left.find(removed->name), 1);
    EXPECT_EQ(names(list_), left);
    while (list_.pop_front()) {
    }
  }
  EXPECT_TRUE(list_.empty());
}

TEST_F(IntrusiveListTest, DestroyedElementIsOffTheList) {
  auto d = std::make_unique<Item>('d');
  list_.push_back(a_);
  list_.push_back(*d);
  list_.push_back(b_);
  d.reset();
  EXPECT_EQ(names(list_), "ab");
}

TEST_F(IntrusiveListTest, DestroyedListLeavesItsElements) {
  {
    List other;
    other.push_back(a_);
    other.push_back(b_);
    EXPECT_TRUE(linked(a_));
  }
  EXPECT_FALSE(linked(a_));
  EXPECT_FALSE(linked(b_));
}

TEST_F(IntrusiveListTest, SpliceTakesAll) {
  List other;
  other.splice_back(list_);
  EXPECT_TRUE(other.empty());
  list_.push_back(a_);
  other.push_back(b_);
  other.push_back(c_);
  list_.splice_back(other);
  EXPECT_EQ(names(list_), "abc");
  EXPECT_TRUE(other.empty());
  other.splice_back(list_);
  EXPECT_EQ(names(other), "abc");
  unlink(b_);
  EXPECT_EQ(names(other), "ac");
}

TEST_F(IntrusiveListTest, OneListForEachTag) {
  OtherList other;
  list_.push_back(a_);
  other.push_back(a_);
  EXPECT_EQ(other.front(), &a_);
  unlink(a_);
  EXPECT_TRUE(list_.empty());
  EXPECT_EQ(other.front(), &a_);
}

TEST_F(IntrusiveListTest, TwiceOnAListIsABug) {
  list_.push_back(a_);
  List other;
  EXPECT_DEATH(other.push_back(a_), "linked");
}

}  // namespace
}  // namespace molotov
