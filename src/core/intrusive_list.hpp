#pragma once

namespace fairlead {

template <class T>
class intrusive_list;

/// A place in an `intrusive_list<T>` for objects derived from it; an object leaves its list when it is destroyed.
template <class T>
class list_hook {
public:
    bool linked() const noexcept { return previous_ != nullptr; }

    void unlink() noexcept {
        if (!linked())
            return;
        *previous_ = next_;
        if (next_)
            next_->previous_ = previous_;
        previous_ = nullptr;
        next_ = nullptr;
    }

protected:
    list_hook() noexcept = default;
    list_hook(const list_hook&) = delete;
    list_hook& operator=(const list_hook&) = delete;
    ~list_hook() { unlink(); }

private:
    friend class intrusive_list<T>;

    list_hook** previous_ = nullptr; // the pointer to this hook
    list_hook* next_ = nullptr;
};

/// Objects that others own, in a list that costs no allocation; the newest is in front.
///
/// Thread safety: one thread at a time. Lifetime: objects may go at any time, the list once it is empty.
template <class T>
class intrusive_list {
public:
    intrusive_list() noexcept = default;
    intrusive_list(const intrusive_list&) = delete;
    intrusive_list& operator=(const intrusive_list&) = delete;

    bool empty() const noexcept { return first_ == nullptr; }
    T* front() const noexcept { return static_cast<T*>(first_); }
    T* after(const T& item) const noexcept { return static_cast<T*>(static_cast<const list_hook<T>&>(item).next_); }

    void push_front(T& item) noexcept {
        list_hook<T>& hook = item;
        hook.next_ = first_;
        hook.previous_ = &first_;
        if (first_)
            first_->previous_ = &hook.next_;
        first_ = &hook;
    }

    /// Puts an item behind `place`, which is in this list.
    void insert_after(T& place, T& item) noexcept {
        list_hook<T>& before = place;
        list_hook<T>& hook = item;
        hook.next_ = before.next_;
        hook.previous_ = &before.next_;
        if (before.next_)
            before.next_->previous_ = &hook.next_;
        before.next_ = &hook;
    }

    /// Takes all items of `other`, which is empty then; this list must be empty before.
    void take(intrusive_list& other) noexcept {
        first_ = other.first_;
        other.first_ = nullptr;
        if (first_)
            first_->previous_ = &first_;
    }

private:
    list_hook<T>* first_ = nullptr;
};

} // namespace fairlead
