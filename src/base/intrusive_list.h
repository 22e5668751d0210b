// A doubly linked list whose links live in its elements: no allocation, O(1)
// removal of an element by itself. An element is on at most one list per Tag,
// and takes itself off when it is destroyed.
//
//   struct Job : ListNode<> { ... };
//   IntrusiveList<Job> jobs;
//   jobs.push_back(job);
#pragma once

#include "base/check.h"

namespace molotov {

struct DefaultTag;

template <typename Tag = DefaultTag>
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  bool linked() const { return next_ != nullptr; }

  // Takes the element off its list, if it is on one.
  void unlink() {
    if (!next_) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

 private:
  template <typename, typename>
  friend class IntrusiveList;
  ListNode* next_ = nullptr;
  ListNode* previous_ = nullptr;
};

template <typename T, typename Tag = DefaultTag>
class IntrusiveList {
  using Node = ListNode<Tag>;

 public:
  IntrusiveList() { head_.next_ = head_.previous_ = &head_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() {
    while (pop_front()) {
    }
    head_.next_ = head_.previous_ = nullptr;
  }

  bool empty() const { return head_.next_ == &head_; }

  // REQUIRES: the element is on no list of this Tag.
  void push_back(T& element) { insert(head_, element); }
  void push_front(T& element) { insert(*head_.next_, element); }

  // The first element, nullptr where there is none.
  T* front() { return empty() ? nullptr : static_cast<T*>(head_.next_); }
  T* back() { return empty() ? nullptr : static_cast<T*>(head_.previous_); }

  // The element after `element`, nullptr after the last.
  T* next(T& element) {
    Node* node = static_cast<Node&>(element).next_;
    return node == &head_ ? nullptr : static_cast<T*>(node);
  }

  T* pop_front() {
    T* element = front();
    if (element) static_cast<Node*>(element)->unlink();
    return element;
  }

  // Appends all of `other`, which is empty afterwards.
  void splice_back(IntrusiveList& other) {
    if (other.empty()) return;
    Node* first = other.head_.next_;
    Node* last = other.head_.previous_;
    other.head_.next_ = other.head_.previous_ = &other.head_;
    first->previous_ = head_.previous_;
    head_.previous_->next_ = first;
    last->next_ = &head_;
    head_.previous_ = last;
  }

 private:
  static void insert(Node& before, T& element) {
    Node& node = element;
    CHECK(!node.linked());
    node.next_ = &before;
    node.previous_ = before.previous_;
    before.previous_->next_ = &node;
    before.previous_ = &node;
  }

  Node head_;
};

}  // namespace molotov
